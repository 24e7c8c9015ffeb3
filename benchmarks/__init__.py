"""conv_lib raced against torch and other NumPy convolutions, layer by layer, on one machine and in one run."""
