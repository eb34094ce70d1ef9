"""The picture is the decoder's probabilities, no draw of it.

question: decoder
fails: TestDecoder::test_pixels_owe_nothing_to_the_latents_but_their_logits
kind: usual
"""

import jax


def sample_model(key, decode, count, latents):
    z = jax.random.normal(key, (count, latents))
    return z, jax.nn.sigmoid(decode(z))
