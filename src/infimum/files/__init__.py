"""A fitted model on disk = named arrays (safetensors) + one JSON document, never code: reading one runs nothing.

The same arrays and document give the same bytes, and a file is either whole or absent (`atomic`).
"""
