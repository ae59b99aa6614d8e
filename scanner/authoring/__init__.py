"""For those who write policies: checks, coverage, explanations and pages about packs. A scan needs none of it."""
