//! Every option and environment variable, documented once.
