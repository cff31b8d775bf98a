import { library } from '../../tsup.base.js';

// uuid is an ES module only, and jest among others can't `require` one.
export default library(['src/index.ts'], ['uuid']);
