"""The apparatus that experiments share: seeds, devices and precision, subjects, data, ensembles, curvature."""
