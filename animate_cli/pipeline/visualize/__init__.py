"""See a model's motion and find its misplaced keypoints: pictures, videos and a report."""
