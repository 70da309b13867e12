"""Points of a latent space: embeddings, samples, attribute vectors and arithmetic."""
