import type {
	PutAnchor,
	QuotedAnchor,
	Spot,
	Standing,
} from "../ot/text-anchor.ts";
import type { DocId } from "../shared/ids.ts";

/** Places that hold while people write, by the document's owner: parameters and answer. */
export interface AnchorActions {
	"document-ot.anchor": {
		in: {
			readonly docId: DocId;
			readonly spot: Spot;
			readonly revision?: number;
		};
		out: PutAnchor;
	};
	"document-ot.locate": {
		in: { readonly docId: DocId; readonly anchors: readonly QuotedAnchor[] };
		out: { readonly revision: number; readonly standings: readonly Standing[] };
	};
}
