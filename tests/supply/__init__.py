"""What the project is made of besides its own code: the lock, licences, and how they are checked."""
