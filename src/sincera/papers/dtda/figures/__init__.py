"""The figures of DTDA, one file each: arrays in, a picture and its numbers out."""
