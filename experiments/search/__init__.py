"""Many-objective search for packages: what may be set, genes, the evolution, and how packages are run."""
