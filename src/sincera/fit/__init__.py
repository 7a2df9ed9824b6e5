"""Own clips → a calibrated or an adapted model file.  No PyTorch."""
