"""Loops that NumPy has no word for: numba, arrays in, arrays out, no objects. Each has a twin in `tests/twins/`."""
