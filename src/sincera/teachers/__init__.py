"""Teachers that never saw an attack: frozen ones to learn from, and how to train one's own."""

from sincera.teachers.frozen import (
    EditingOutput,
    Teacher,
    TeacherNorm,
    open_editing,
    open_recognition,
    tensors_digest,
)

__all__ = ["EditingOutput", "Teacher", "TeacherNorm", "open_editing", "open_recognition", "tensors_digest"]
