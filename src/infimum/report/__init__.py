"""report ↦ one HTML page: the answer first, then what it rests on, down to the numbers anyone can check.

The page is one file: styles and pictures are inside it, it asks the network for nothing and runs no script. Every
picture has a description in words, and what it shows stands in a table or in the text as well.
"""

from infimum.report.build import build

__all__ = ["build"]
