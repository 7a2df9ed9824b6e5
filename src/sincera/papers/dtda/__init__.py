"""DTDA's variants, tables and figures."""
