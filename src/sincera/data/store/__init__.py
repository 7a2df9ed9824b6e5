"""The crop store: the only room that knows pyarrow.

    STORE/faces-<domain>-<hash>.parquet   JPEG crops, 128 rows a group, with what their clip says
    STORE/clips.parquet                   one row a clip with its outcome; names the shard that holds its crops
    STORE/cache/<digest>/                 what training derives from the crops

A shard carries the record of its clips and the preparation's settings in its schema metadata, so that clips.parquet
can be written anew from the shards alone.
"""

from sincera.data.store.preparation import Preparation, differences
from sincera.data.store.reader import Store
from sincera.data.store.records import OUTCOMES, ClipRecord, FaceRow, Outcome

__all__ = ["OUTCOMES", "ClipRecord", "FaceRow", "Outcome", "Preparation", "Store", "differences"]
