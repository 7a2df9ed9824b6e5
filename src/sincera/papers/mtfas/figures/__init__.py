"""The figures of MT-FAS: arrays in, a picture and its numbers out."""
