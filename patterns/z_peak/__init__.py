"""The Z peak: storage and computing proven by a measured mass."""
