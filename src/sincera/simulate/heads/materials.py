"""Numbers of what a triangle is made of; `PARTS` names the same numbers for users."""

from __future__ import annotations

SKIN, NECK, INSIDE, EYE, TEETH, TONGUE, HAIR, BROW, LASH, BEARD, CLOTH, FRAME = range(1, 13)
MATERIALS = 13
