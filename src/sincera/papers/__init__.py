"""The papers' tables and figures: what is printed beside what was measured here."""
