"""How fast it is, side by side with the limit: `make bench` runs these and writes docs/benchmarks.md.

Every figure is a rate of ours beside a rate of the limit (the raw driver, the raw broker) or of what
users would take instead, taken in turns in one run, because machines and days differ.
"""
