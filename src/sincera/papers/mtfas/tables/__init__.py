"""Tables 1 to 6 of MT-FAS."""
