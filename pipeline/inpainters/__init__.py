"""Who fills a hole: any diffusers inpainting pipeline, with a thin adapter a file for each family of them."""
