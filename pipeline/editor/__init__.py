"""The embedded editor: a small diffusion inpainting model of our own, and everything that trains it."""
