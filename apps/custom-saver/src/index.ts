/** A saver on LevelDB. Everything public is exported here, by name. */

export { LevelSaver } from './level-saver.js';
