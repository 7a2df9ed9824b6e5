"""The second paper: MT-FAS, a meta-teacher for face anti-spoofing."""
