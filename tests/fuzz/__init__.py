"""Fuzzing of what reads hostile bytes (docs/fuzzing.md): targets, oracle, mutators, and the corpus that CI replays."""
