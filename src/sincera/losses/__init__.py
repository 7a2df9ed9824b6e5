"""What several methods share: losses and perturbations, each a plain function of tensors."""
