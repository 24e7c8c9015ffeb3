"""Ways to compute a convolution, one file each, all with the same signature."""
