"""What the analyses of the patterns share: settings, object storage, the outcome that they leave.

It is part of the image `analysis`; the analysis itself is mounted into the pod, so that another
revision of it needs no other image.
"""
