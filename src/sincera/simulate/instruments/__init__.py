"""Attack instruments: a stored picture → what stands before the lens when it is printed or shown. One file a kind."""
