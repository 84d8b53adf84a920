"""The Z peak: generate muon pairs, keep them in object storage, fit the Z boson's mass.

Run as ``python -m z_peak``. Importing the package itself imports nothing heavy, so that
`z_peak.reference` is at hand where NumPy is not installed.
"""
