"""Words for the wallet's templates."""
