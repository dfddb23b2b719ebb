"""Photos, recordings and documents: sealed at capture, uploaded by tus, kept unaltered, shown as renditions."""
