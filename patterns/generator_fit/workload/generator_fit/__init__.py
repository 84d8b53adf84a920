"""An amplitude model of D0 -> K0S pi- pi+: decays are generated from it, and it is fitted back."""
