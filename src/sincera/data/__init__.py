"""Data set folders → clips → crops in a store: sources, audit, protocols, preparation, cards. No PyTorch."""
