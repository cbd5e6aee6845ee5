// Builds what tests start in processes of their own, if that is not there yet.
import { build } from "./prepare.mjs";

build();
