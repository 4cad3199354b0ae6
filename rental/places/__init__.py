"""Sites with zones and opening calendar; communities and grids of the subdistrict."""
