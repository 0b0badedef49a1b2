"""One file per use case, with one public function of that name."""
