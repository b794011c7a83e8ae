"""What strangers may send: pictures, files, models and servers that mean harm, or are merely broken."""
