"""Human labels: a Label Studio server, its interface, push and pull, raters, agreement and consensus."""
