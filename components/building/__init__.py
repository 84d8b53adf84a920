"""Making the layers of one site: each module turns a part of the site file into components."""
