"""Tables I to VII of DTDA, and one of what the paper leaves open."""
