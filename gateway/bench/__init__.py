"""`make bench`: the speed table, as ratios that are taken in one run on one machine (docs/speed.md)."""
