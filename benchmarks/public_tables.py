"""The 20 public tables of the benchmarks: their targets, and where they are."""

import os
import sys
from pathlib import Path

TARGETS = {
    "abalone": "rings",
    "adult": "income",
    "ames_housing": "SalePrice",
    "bank_marketing": "y",
    "banknote": "class",
    "beijing_pm25": "pm2.5",
    "bike_sharing": "cnt",
    "california_housing": "median_house_value",
    "car_evaluation": "class",
    "concrete": "strength",
    "energy_efficiency": "heating_load",
    "german_credit": "class",
    "ionosphere": "class",
    "mushroom": "class",
    "naval_propulsion": "compressor_decay",
    "penguins": "species",
    "protein_structure": "RMSD",
    "titanic": "survived",
    "wine_quality": "quality",
    "yacht": "resistance",
}
TIME = {"beijing_pm25": "No"}  # rows in the order of the hours


def folder() -> Path:
    """INFIMUM_DATA: a folder with one folder a table, and TABLE.csv.gz in it; exit code 2 where it is not set."""
    if "INFIMUM_DATA" not in os.environ:
        print("set INFIMUM_DATA to the folder that holds the tables", file=sys.stderr)
        sys.exit(2)
    return Path(os.environ["INFIMUM_DATA"])
