"""The generator fit: decays from interfering amplitudes, and the amplitudes fitted back."""
