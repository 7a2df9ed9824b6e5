"""Any scorer on any clips → scores.csv → measures.json; knows no method and no PyTorch."""

from sincera.evaluate.faces import Faces, Remembered
from sincera.evaluate.measures import cue_measures, evaluate
from sincera.evaluate.memory import MemoryFaces
from sincera.evaluate.score import Scorer, score_clips, score_rows
from sincera.evaluate.text import as_table

__all__ = [
    "Faces",
    "MemoryFaces",
    "Remembered",
    "Scorer",
    "as_table",
    "cue_measures",
    "evaluate",
    "score_clips",
    "score_rows",
]
