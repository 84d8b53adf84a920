"""The program that keeps which workers the pool knows."""
